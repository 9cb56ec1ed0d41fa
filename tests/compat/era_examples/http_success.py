with client.get("/does_not_exist/", catch_response=True) as response:
    if response.status_code == 404:
        response.success()
