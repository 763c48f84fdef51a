class Failure(Exception):
    """Ends the program with an exit status of sysexits.h and one clear message."""

    def __init__(self, status: int, message: str):
        super().__init__(message)
        self.status = status
