import pytest


@pytest.mark.browser
def test_the_chat_works_under_its_policy_and_loads_nothing_from_elsewhere(browser, server):
    complaints, elsewhere = [], []
    page = browser.new_page()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda r: None if r.url.startswith((server, "data:")) else elsewhere.append(r.url))
    page.goto(server)
    page.wait_for_selector("#question textarea")
    page.fill("#question textarea", "What does paragraph 8 say?")
    page.keyboard.press("Enter")
    page.wait_for_selector(".turn")
    assert page.evaluate("[document.cookie, localStorage.length]") == ["", 0]
    page.close()
    assert (complaints, elsewhere) == ([], [])
