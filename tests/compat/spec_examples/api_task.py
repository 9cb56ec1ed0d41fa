class ForumPage(TaskSet):
    @task(100)
    def read_thread(self):
        pass

    @task(7)
    def create_thread(self):
        pass

    @task(25)
    class ForumThread(TaskSet):
        @task
        def get_author(self):
            pass

        @task
        def get_created(self):
            pass
