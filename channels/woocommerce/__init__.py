"""Reviews of products in a WooCommerce shop."""
