class MyUser(User):
    wait_time = constant(3)
