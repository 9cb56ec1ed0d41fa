class WebUser(User):
    weight = 3
    ...

class MobileUser(User):
    weight = 1
    ...
