"""From a table as somebody sent it to a change that can be committed: columns, rows, places, references, plan."""
