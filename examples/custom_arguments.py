"""Options of your own: `locust --tenant acme --token …`, environment variables, and fields in the web UI."""

from locust import HttpUser, constant, events, task


@events.init_command_line_parser.add_listener
def add_options(parser):
    parser.add_argument("--tenant", default="acme", env_var="TENANT", help="Whose data is read")
    parser.add_argument("--token", default="", env_var="TOKEN", is_secret=True, help="Sent as a bearer token")
    parser.add_argument("--region", default="eu", choices=["eu", "us"], help="Where the tenant lives")


class TenantUser(HttpUser):
    wait_time = constant(1)

    def on_start(self):
        options = self.environment.parsed_options
        self.client.headers["Authorization"] = f"Bearer {options.token}"
        self.path = f"/{options.region}/{options.tenant}/items"

    @task
    def list_items(self):
        self.client.get(self.path, name="/[region]/[tenant]/items")
