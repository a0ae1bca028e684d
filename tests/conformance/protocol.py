def run_protocol(root):
    return []
