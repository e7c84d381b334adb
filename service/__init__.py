"""What the outside sees of Grid Map: HTTP, maps, commands and jobs."""
