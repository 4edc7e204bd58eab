"""Letters: requests and orders from one authority to another, their forms, their life, and what proves each step."""
