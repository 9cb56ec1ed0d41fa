my_event = EventHook()
def on_my_event(a, b, **kw):
    print("Event was fired with arguments: %s, %s" % (a, b))
my_event += on_my_event
my_event.fire(a="foo", b="bar")
