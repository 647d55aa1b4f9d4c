"""Examples of Weir: data, policies and tables that run as they are."""
