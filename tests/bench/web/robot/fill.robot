*** Comments ***
The register of tests/bench/web as somebody would fill it with Robot Framework Browser: search, open, ten of forty fields, save.
Variables: URL, PROGRAM (of the browser), RECORDS, ROUND (which values), OUT (seconds go there).

*** Settings ***
Library    Browser    timeout=10s    enable_presenter_mode=False
Library    Collections
Library    OperatingSystem

*** Test Cases ***
Fill
    @{flags}=    Create List    --no-sandbox    --disable-gpu
    New Browser    chromium    headless=True    executablePath=${PROGRAM}    args=${flags}
    New Page    ${URL}
    Record    0
    ${began}=    Evaluate    time.perf_counter()
    FOR    ${number}    IN RANGE    1    ${RECORDS} + 1
        Record    ${number}
    END
    ${seconds}=    Evaluate    time.perf_counter() - ${began}
    Create File    ${OUT}    ${seconds}

*** Keywords ***
Record
    [Arguments]    ${number}
    ${value}=    Evaluate    f"值{(${ROUND} + ${number}) % 89 + 10}"
    ${choice}=    Evaluate    "甲乙丙"[(${ROUND} + ${number}) % 3]
    ${key}=    Evaluate    f"{${number} + 1:06}"
    Go To    ${URL}
    Fill Text    [name=q]    ${key}
    Click    text=查询
    Click    text=修改
    FOR    ${field}    IN    01    02    03    04    05    06    07    08
        Fill Text    [name=栏目${field}]    ${value}
    END
    Select Options By    [name=类别1]    text    ${choice}
    Select Options By    [name=类别2]    text    ${choice}
    Click    [value=保存]
    Wait For Elements State    text=保存成功    visible
