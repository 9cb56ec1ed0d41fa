with self.environment.events.request.measure("requestType", "requestName") as request_meta:
    # do the stuff you want to measure
