env.create_local_runner()
env.create_web_ui()
env.web_ui.greenlet.join()
