"""Notice boards (公示牌) of a grid, a compound or a community: what they say, how it fits one page, the page itself."""
