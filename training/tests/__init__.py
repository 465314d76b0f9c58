"""What could be wrong in training without anyone noticing."""
