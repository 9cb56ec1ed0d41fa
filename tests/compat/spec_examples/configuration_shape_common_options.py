class MyCustomShape(LoadTestShape):
    use_common_options = True

    def tick(self):
        run_time = self.get_run_time()
        if run_time < self.runner.environment.parsed_options.run_time:
            # User count rounded to nearest hundred, just like in previous example
            user_count = round(run_time, -2)
            return (user_count, self.runner.environment.parsed_options.spawn_rate)

        return None
