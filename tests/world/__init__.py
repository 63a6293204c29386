"""What tests stand on: a desk with its brand, sources and people and a sentence for each step of its work (`desk`), and rows
written straight into the tables (`rows`)."""
