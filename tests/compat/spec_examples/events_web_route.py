from locust import events

@events.init.add_listener
def on_locust_init(environment, **kw):
    if environment.web_ui:
        @environment.web_ui.app.route("/added_page")
        def my_added_page():
            return "Another page"
