"""What looks alike, what keeps coming back."""
