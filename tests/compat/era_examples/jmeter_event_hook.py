class HelloWorld(HttpUser):
    wait_time = constant(1)

    @task
    def test(self):
        response = self.client.get("/")
       #fire the event
        my_event.fire("/", response)

#create an event hook
my_event = locust.event.EventHook()

#make a function which is called by the hook
def on_my_event(name, response):
    print("Event was fired with arguments: %s, %s" % (name, response))

#now listen for the event to be fired
my_event.add_listener(on_my_event)
