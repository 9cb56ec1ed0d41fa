import common.auth
