import os
print(os.environ['MY_FUNKY_VAR'])
