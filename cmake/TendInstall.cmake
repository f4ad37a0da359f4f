# What `cmake --install` puts in place. The program finds the rest from where it stands itself: ../libexec/tend, ../lib/tend/plugins
# and ../share/tend; so a whole prefix can be moved.
include(CMakePackageConfigHelpers)
set(PROJECT_ETC ${PROJECT_SOURCE_DIR}/etc)
# /etc for the prefix /usr, wherever else etc below it; known when it is installed, for --prefix may be given then.
function(install_settings)
  string(REPLACE ";" "\" \"" files "${ARGN}")
  install(CODE "
    set(sysconf \"\${CMAKE_INSTALL_PREFIX}/etc\")
    if(CMAKE_INSTALL_PREFIX STREQUAL \"/usr\")
      set(sysconf /etc)
    endif()
    file(INSTALL DESTINATION \"\${sysconf}/${settings_folder}\" TYPE FILE FILES \"${files}\")")
endfunction()

install(TARGETS tend RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS tend-host tend-sandbox RUNTIME DESTINATION libexec/tend)
if(TARGET tend-sign)
  install(TARGETS tend-sign RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}) # people call it, too
endif()
install(DIRECTORY include/tend TYPE INCLUDE)

# Data that comes with the program.
install(DIRECTORY etc/mappings etc/calendars DESTINATION share/tend)
file(GLOB starters CONFIGURE_DEPENDS ${PROJECT_ETC}/starter*.ini)
install(FILES ${starters} DESTINATION share/tend)
foreach(folder playbooks lib texts types)
  if(IS_DIRECTORY ${PROJECT_SOURCE_DIR}/scripts/${folder})
    install(DIRECTORY scripts/${folder} DESTINATION share/tend)
  endif()
endforeach()
install(DIRECTORY plugins/template DESTINATION share/tend)
install(FILES README.md CHANGELOG.md LICENSE DESTINATION share/doc/tend)
install(DIRECTORY docs DESTINATION share/doc/tend)
foreach(file core/README.md tests/README.md scripts/playbooks/commercial/renewal.lua) # README links to them
  get_filename_component(folder ${file} DIRECTORY)
  install(FILES ${file} DESTINATION share/doc/tend/${folder})
endforeach()

# The manual and the completion come from the program's own table of commands. A build with sanitizers is not installed.
if(NOT TEND_SANITIZE)
  set(manual ${PROJECT_BINARY_DIR}/share/man/man1/tend.1)
  set(completion ${PROJECT_BINARY_DIR}/share/bash-completion/completions/tend)
  set(zsh ${PROJECT_BINARY_DIR}/share/zsh/site-functions/_tend)
  set(fish ${PROJECT_BINARY_DIR}/share/fish/vendor_completions.d/tend.fish)
  set(template ${PROJECT_BINARY_DIR}/share/tend.ini.example)
  add_custom_command(OUTPUT ${manual} ${completion} ${zsh} ${fish} ${template}
    COMMAND ${CMAKE_COMMAND} -E make_directory share/man/man1 share/bash-completion/completions share/zsh/site-functions
            share/fish/vendor_completions.d
    COMMAND tend man > ${manual}
    COMMAND tend completion bash > ${completion}
    COMMAND tend completion zsh > ${zsh}
    COMMAND tend completion fish > ${fish}
    COMMAND tend config template > ${template}
    WORKING_DIRECTORY ${PROJECT_BINARY_DIR} DEPENDS tend VERBATIM)
  add_custom_target(manual ALL DEPENDS ${manual} ${completion} ${zsh} ${fish} ${template})
  install(FILES ${manual} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
  install(FILES ${completion} DESTINATION share/bash-completion/completions)
  install(FILES ${zsh} DESTINATION share/zsh/site-functions)
  install(FILES ${fish} DESTINATION share/fish/vendor_completions.d)
  set(settings_folder tend)
  install_settings(${template})
endif()

# For administrators. The units name the program, so they are written when the prefix is known.
file(GLOB examples CONFIGURE_DEPENDS ${PROJECT_ETC}/tend.d/*.example)
set(settings_folder tend/tend.d)
install_settings(${examples})
install(FILES etc/systemd/tend-backup.timer DESTINATION lib/systemd/system)
install(FILES etc/systemd/tend.sysusers DESTINATION lib/sysusers.d RENAME tend.conf)
install(CODE "
  set(BINDIR \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}\")
  foreach(unit tend tend-backup)
    configure_file(\"${PROJECT_ETC}/systemd/\${unit}.service.in\"
                   \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/lib/systemd/system/\${unit}.service\" @ONLY)
    message(STATUS \"Installing: \$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/lib/systemd/system/\${unit}.service\")
  endforeach()")

# For integrators: find_package(tend) gives the target tend::plugin and tend_PLUGIN_FOLDER; `pkg-config tend` the same.
add_library(tend_plugin_headers INTERFACE)
set_target_properties(tend_plugin_headers PROPERTIES EXPORT_NAME plugin)
target_include_directories(tend_plugin_headers INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_compile_features(tend_plugin_headers INTERFACE c_std_11)
install(TARGETS tend_plugin_headers EXPORT tendTargets)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/tend)
set(plugin_folder ${CMAKE_INSTALL_LIBDIR}/tend/plugins)
install(EXPORT tendTargets NAMESPACE tend:: DESTINATION ${package})
configure_package_config_file(cmake/tend-config.cmake.in ${PROJECT_BINARY_DIR}/tend-config.cmake INSTALL_DESTINATION ${package}
  PATH_VARS plugin_folder CMAKE_INSTALL_BINDIR)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/tend-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/tend-config.cmake ${PROJECT_BINARY_DIR}/tend-config-version.cmake DESTINATION ${package})
file(RELATIVE_PATH up /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(cmake/tend.pc.in ${PROJECT_BINARY_DIR}/tend.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/tend.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
