def report(out, stock): pass
