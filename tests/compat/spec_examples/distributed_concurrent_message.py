environment.runner.register_message('test_users', setup_test_users, concurrent=True)
