"""What is kept for notice boards: logos of areas, which boards were printed with what on them, print runs."""
