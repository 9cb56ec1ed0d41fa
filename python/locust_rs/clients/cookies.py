"""Where pickles of earlier versions look for cookie jars."""

from locust_rs.http.common.cookies import RequestsCookieJar, TellingCookieJar, _plain_jar

__all__ = ["RequestsCookieJar", "TellingCookieJar", "_plain_jar"]
