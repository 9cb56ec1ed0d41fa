"""What users are told who mark a response at the wrong moment."""

DOCS = "http://docs.locust.io/en/stable/writing-a-locustfile.html#validating-responses"

NOT_ENTERED = (
    "Tried to set status on a request that has not yet been made. Make sure you use a with-block, like this:\n\n"
    "with self.client.request(..., catch_response=True) as response:\n"
    "    response.{call}"
)
WITH_NEEDS_CATCH = "In order to use a with-block for requests, you must also pass catch_response=True"
NOTHING_TO_ITERATE = "Cannot iterate content on a response without _response attribute"
MARKED_WITHOUT_CATCH = f"If you want to change the state of the request, you must pass catch_response=True. See {DOCS}"
REQUESTS_MARKED_WITHOUT_CATCH = (
    "If you want to change the state of the request using .success() or .failure(), "
    f"you must pass catch_response=True. See {DOCS}"
)
