"""What is kept on this machine: tables, the thread that works on them, the queue, migrations."""
