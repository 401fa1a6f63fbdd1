"""The docket: what people did, written once; the tables and files that follow from it."""
