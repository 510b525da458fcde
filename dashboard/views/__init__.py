"""The pages, one module each, one entry each in `dashboard.app`."""
