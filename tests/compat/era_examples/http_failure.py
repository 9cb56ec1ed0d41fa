with client.get("/", catch_response=True) as response:
    if response.content != "Success":
        response.failure("Got wrong response")
