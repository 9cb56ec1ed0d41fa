env.create_local_runner()
env.runner.start(5000, spawn_rate=20)
env.runner.greenlet.join()
