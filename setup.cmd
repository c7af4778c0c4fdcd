@echo off
rem Make .venv\ on Windows from the lock, by version and hash. Done again it changes nothing.
rem Needs Python 3.11 or newer (with tcl/tk, as its installer does by default) and Edge or Chrome, which are there already.
rem     setup.cmd                    from a package index that this machine can reach
rem     setup.cmd C:\hedang-bundle   from a folder made by: run.py bundle --platform win_amd64 --out DIR
setlocal
cd /d "%~dp0"
if not "%~1"=="" goto bundle

set "PYTHON=py -3"
%PYTHON% --version >nul 2>nul
if errorlevel 1 set "PYTHON=python"
%PYTHON% -c "import sys, tkinter, venv; sys.exit(sys.version_info < (3, 11))" 2>nul
if errorlevel 1 goto nopython
if not exist .venv\Scripts\python.exe %PYTHON% -m venv .venv
if not exist .venv\Scripts\python.exe exit /b 1

rem the stamp is the lock itself: nothing is done while both are the same
copy /b /y requirements.txt + requirements-dev.txt .venv\wanted >nul
if errorlevel 1 exit /b 1
if not exist .venv\stamp goto install
fc /b .venv\wanted .venv\stamp >nul 2>nul
if not errorlevel 1 goto ready

:install
echo setup: installing Python packages from the lock (a minute)
set "PIP=.venv\Scripts\python -m pip --disable-pip-version-check --quiet install --require-hashes"
%PIP% -r requirements-dev.txt
if errorlevel 1 exit /b 1
%PIP% --no-build-isolation --use-pep517 -r requirements.txt
if errorlevel 1 exit /b 1
copy /b /y .venv\wanted .venv\stamp >nul
if errorlevel 1 exit /b 1

:ready
echo setup: ready. Now: .venv\Scripts\python run.py doctor
exit /b 0

:bundle
if not exist "%~1\install.cmd" goto nobundle
call "%~1\install.cmd" "%~dp0."
exit /b %errorlevel%

:nobundle
echo setup: "%~1" is no bundle: it has no install.cmd 1>&2
exit /b 2

:nopython
echo setup: Python 3.11 or newer with tcl/tk is missing; install it, tick 'Add python.exe to PATH', and run this again 1>&2
exit /b 2
