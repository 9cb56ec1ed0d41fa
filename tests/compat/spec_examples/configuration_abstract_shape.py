class MyBaseShape(LoadTestShape):
    abstract = True

    def tick(self):
        # Something reusable but needing inheritance
        return None
