"""What every desk shares: who sits here, the frame of a page, forms, words for states, pictures. It decides nothing."""
