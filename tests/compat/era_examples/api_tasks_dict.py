class ForumPage(TaskSet):
    tasks = {ThreadPage:15, write_post:1}
