def flash(board, port):
    pass


def deploy(port):
    pass
