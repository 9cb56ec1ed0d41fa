from locust import events

def my_success_handler(method, path, response_time, response, **kw):
    print("Successfully fetched: %s" % (path))

events.request_success += my_success_handler
