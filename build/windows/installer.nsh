; After the program was removed, nothing that it made stays in the engine. An upgrade keeps all of it.
!macro customUnInstall
  ${ifNot} ${isUpdated}
    nsExec::Exec 'cmd /c for /f %i in ($\'docker ps --all --quiet --filter label=dev.orrery.cluster$\') do docker rm --force --volumes %i'
    nsExec::Exec 'cmd /c for /f %i in ($\'docker network ls --quiet --filter label=dev.orrery.cluster$\') do docker network rm %i'
    nsExec::Exec 'cmd /c for /f %i in ($\'docker volume ls --quiet --filter label=dev.orrery.cluster$\') do docker volume rm --force %i'
    nsExec::Exec 'cmd /c for /f %i in ($\'docker images --quiet --filter label=dev.orrery.image$\') do docker rmi --force %i'
  ${endIf}
!macroend
