from locust import events

def on_request(request_type, name, response_time, response_length, **kw):
    print("Got request!")

locust.events.request_success += on_request
