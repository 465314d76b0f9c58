//! Redirects: which are followed, and which headers are sent.

use crate::support::{Server, client, printed, redirect, response};
use fluxhop_http::{BodyLimits, ErrorKind, Secret};

#[tokio::test]
async fn a_post_becomes_a_get_except_after_307_and_308() {
    for (status, method) in [
        (301, "GET"),
        (302, "GET"),
        (303, "GET"),
        (307, "POST"),
        (308, "POST"),
    ] {
        let server = Server::start(move |request| {
            if request.contains(" /from ") {
                redirect(status, "/to?x=1")
            } else {
                response("200 OK", "", "there")
            }
        })
        .await;
        let response = client()
            .post(&server.url("/from"))
            .json(&[1])
            .bearer(&Secret::from("t0k"))
            .send()
            .await
            .unwrap();
        assert_eq!(response.url().path(), "/to");
        assert_eq!(response.text(BodyLimits::default()).await.unwrap(), "there");
        let last = server.requests().pop().unwrap();
        assert!(last.starts_with(&format!("{method} /to?x=1 ")), "{last}");
        assert_eq!(last.ends_with("\r\n\r\n[1]"), method == "POST", "{last}");
        assert_eq!(
            last.contains("content-type: application/json"),
            method == "POST",
            "{last}"
        );
        assert!(
            last.contains("authorization: Bearer t0k"),
            "same origin: {last}"
        );
    }
}

#[tokio::test]
async fn a_delete_keeps_its_method_after_302() {
    let server = Server::start(|request| {
        if request.contains(" /from ") {
            redirect(302, "/to")
        } else {
            response("204 No Content", "", "")
        }
    })
    .await;
    client().delete(&server.url("/from")).send().await.unwrap();
    assert!(server.requests()[1].starts_with("DELETE /to "));
}

#[tokio::test]
async fn credentials_are_not_sent_to_another_origin() {
    let other = Server::start(|_| response("200 OK", "", "")).await;
    let location = other.url("/there").to_string();
    let server = Server::start(move |_| redirect(307, &location)).await;
    let mut url = server.url("/");
    url.set_username("user").unwrap();
    url.set_password(Some("pw")).unwrap();
    for from in [server.url("/"), url] {
        let request = client()
            .post(&from)
            .header("cookie", "session=1")
            .header("X-HF-Authorization", "Bearer t0k")
            .header("x-api-key", "k3y")
            .header("accept", "text/plain")
            .form(&[("a", "1 2")]);
        let request = if from.username().is_empty() {
            request.bearer(&Secret::from("t0k"))
        } else {
            request
        };
        request.send().await.unwrap();
        let first = server.requests().pop().unwrap();
        assert!(
            first.contains("authorization: B")
                && first.contains("x-api-key: k3y")
                && first.contains("cookie: session=1"),
            "{first}"
        );
        let second = other.requests().pop().unwrap();
        assert!(
            second.contains("accept: text/plain") && second.ends_with("\r\n\r\na=1+2"),
            "{second}"
        );
        for secret in ["authorization", "cookie", "api-key", "t0k", "k3y"] {
            assert!(!second.contains(secret), "{secret} in {second}");
        }
    }
}

#[tokio::test]
async fn credentials_in_the_url_are_sent_once_per_request() {
    let server = Server::start(|request| {
        if request.contains(" /from ") {
            redirect(302, "/to")
        } else {
            response("200 OK", "", "")
        }
    })
    .await;
    let mut url = server.url("/from");
    url.set_username("user").unwrap();
    url.set_password(Some("p w")).unwrap();
    let response = client().get(&url).send().await.unwrap();
    assert_eq!(response.url().as_str(), server.url("/to").as_str());
    for request in server.requests() {
        // "user:p w"
        assert_eq!(
            request.matches("authorization: Basic dXNlcjpwIHc=").count(),
            1,
            "{request}"
        );
    }
    client()
        .get(&url)
        .bearer(&Secret::from("t0k"))
        .send()
        .await
        .unwrap();
    let last = server.requests().pop().unwrap();
    assert_eq!(last.matches("authorization").count(), 1, "{last}");
    assert!(last.contains("authorization: Bearer t0k"), "{last}");
}

#[tokio::test]
async fn credentials_in_a_location_are_not_sent() {
    let server = Server::start(|request| {
        if request.contains(" /from ") {
            let host = request
                .lines()
                .find_map(|line| line.strip_prefix("host: "))
                .unwrap();
            redirect(302, &format!("http://mallory:pw@{host}/to"))
        } else {
            response("200 OK", "", "")
        }
    })
    .await;
    client().get(&server.url("/from")).send().await.unwrap();
    assert!(!server.requests()[1].contains("authorization"));
}

#[tokio::test]
async fn at_most_five_redirects_are_followed() {
    let server = Server::start(|request| {
        let left: u32 = request.split(['/', ' ']).nth(2).unwrap().parse().unwrap();
        if left == 0 {
            response("200 OK", "", "")
        } else {
            redirect(302, &format!("/{}", left - 1))
        }
    })
    .await;
    assert!(
        client()
            .get(&server.url("/5"))
            .send()
            .await
            .unwrap()
            .is_success()
    );
    let error = client().get(&server.url("/6")).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Redirect);
    assert_eq!(server.requests().len(), 6 + 6);
}

#[tokio::test]
async fn a_location_that_cannot_be_followed_is_an_error() {
    for location in [
        "http://[",
        "ftp://example.com/",
        "file:///etc/passwd",
        "http://u:hunter2@[::",
    ] {
        let server = Server::start(move |_| redirect(302, location)).await;
        let error = client().get(&server.url("/")).send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Redirect, "{location}");
        assert!(!printed(&error).contains("hunter2"));
    }
}

#[tokio::test]
async fn a_3xx_without_a_location_is_a_response() {
    let server = Server::start(|_| response("302 Found", "", "no")).await;
    assert_eq!(
        client()
            .get(&server.url("/"))
            .send()
            .await
            .unwrap()
            .status(),
        302
    );
    let server = Server::start(|_| response("304 Not Modified", "location: /x\r\n", "")).await;
    assert_eq!(
        client()
            .get(&server.url("/"))
            .send()
            .await
            .unwrap()
            .status(),
        304
    );
}

#[tokio::test]
async fn clones_share_cookies_per_host() {
    let server =
        Server::start(|_| response("200 OK", "set-cookie: replica=b; Path=/\r\n", "")).await;
    let client = client();
    client.get(&server.url("/config")).send().await.unwrap();
    client
        .clone()
        .get(&server.url("/call"))
        .send()
        .await
        .unwrap();
    client
        .get(&server.url_at("localhost", "/"))
        .send()
        .await
        .unwrap();
    let has_cookie: Vec<bool> = server
        .requests()
        .iter()
        .map(|request| request.contains("cookie: replica=b"))
        .collect();
    assert_eq!(has_cookie, [false, true, false]);
}

#[tokio::test]
async fn same_origin_only_returns_a_redirect_to_another_origin() {
    let other = Server::start(|_| response("200 OK", "", "")).await;
    let location = other.url("/there").to_string();
    let server = Server::start(move |request| {
        if request.contains(" /renamed ") {
            redirect(307, "/now")
        } else {
            redirect(302, &location)
        }
    })
    .await;
    let request = client().head(&server.url("/renamed")).same_origin_only();
    let response = request.send().await.unwrap();
    assert_eq!((response.status(), response.url().path()), (302, "/now"));
    assert!(response.header("location").unwrap().ends_with("/there"));
    assert!(other.requests().is_empty());
    assert!(server.requests()[1].starts_with("HEAD /now "));
}
