@task
def t(self):
    self.client.client.clientpool.close() # self.client.client is not a typo
    self.client.get("/")                  # Here a new connection will be created
