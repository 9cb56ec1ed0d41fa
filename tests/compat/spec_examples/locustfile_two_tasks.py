@task
def hello_world(self):
    ...

@task(3)
def view_items(self):
    ...
