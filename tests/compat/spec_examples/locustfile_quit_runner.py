self.environment.runner.quit()
