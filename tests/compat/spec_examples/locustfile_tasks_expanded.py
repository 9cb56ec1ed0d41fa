[my_task, my_task, my_task, another_task]
