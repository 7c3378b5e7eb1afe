"""Customer-success facts and the metrics read from them."""
