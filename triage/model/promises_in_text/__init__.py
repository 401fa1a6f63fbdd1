"""The reading of promises in what we wrote: own words, sentences, clauses, verbs, and who acts in them."""
