"""Charts of the pages, one module each: values in, a chart out, in colors that everybody can tell apart."""
