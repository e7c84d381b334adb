"""What the command ``gridmap`` does, a module per story."""
