{my_task: 3, another_task: 1}
