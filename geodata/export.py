"""Door: a list as it is at one instant → a file that loads again."""
